"""What staff put right, or confirmed, of how the words of contacts are read: a part of the words, topic, tone, urgency."""

EACH = 4  # contacts with these words, the newest
READINGS = (
    ("一道划痕", "质量效果", "unfavourable", "soon"),
    ("一处流挂", "质量效果", "unfavourable", "soon"),
    ("没擦干净", "质量效果", "unfavourable", "calm"),
    ("方向盘抖", "质量效果", "unfavourable", "soon"),
    ("等到十一点半", "等待时间", "unfavourable", "soon"),
    ("等了快两个小时", "等待时间", "unfavourable", "calm"),
    ("老占线", "预约联系", "unfavourable", "calm"),
    ("能不能上门取车", "预约联系", "neutral", "calm"),
    ("对师傅手艺满意", "专业讲解", "favourable", "calm"),
)
