"""Customer value analytics: RFM, lifetime value, lifecycle, grades. Pure: reads no clock, no disk, no setting."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zhike_insight.basket import association_rules, baskets_of, hit_rates, pair_rules, recommend
    from zhike_insight.churn import ChurnModel
    from zhike_insight.cohorts import cohort_retention
    from zhike_insight.control_groups import (
        GroupDifference,
        gain_over_control,
        smallest_visible_lift,
        standardised_differences,
    )
    from zhike_insight.engines import EngineProblem, connect
    from zhike_insight.estimator import NotConverged
    from zhike_insight.grades import GRADES, grade_with_grace, grades, keep_grades, whale_curve
    from zhike_insight.indicators import PILLARS, Evidence, nine_indicators
    from zhike_insight.lifecycle import STAGES, StageRules, expected_stays, stages, transitions, trends
    from zhike_insight.lifetime.bgnbd import BetaGeoNBD
    from zhike_insight.lifetime.discrete import BetaGeoBetaBinomial, ShiftedBetaGeometric
    from zhike_insight.lifetime.forecast import PurchaseForecast, forecast_purchases
    from zhike_insight.lifetime.gamma_gamma import GammaGamma
    from zhike_insight.lifetime.holdout import Forecast, HoldoutReport, back_test, baselines, holdout_report, judge
    from zhike_insight.lifetime.mbgnbd import ModifiedBetaGeoNBD
    from zhike_insight.lifetime.pareto import ParetoNBD
    from zhike_insight.lifetime.simple import retention_sensitivity, retention_value, simple_value
    from zhike_insight.lifetime.triples import BadInput, NotEnoughData
    from zhike_insight.lifetime.value import LifetimeValues, discounted_purchases, lifetime_value, second_lifetime_value
    from zhike_insight.loyalty.drivers import Driver, KeyDrivers, key_drivers
    from zhike_insight.loyalty.kano import KANO_CLASSES, KanoResult, kano, kano_class
    from zhike_insight.loyalty.measures import (
        Estimate,
        loyalty_matrix,
        net_promoter,
        satisfaction_index,
        share_of_wallet,
        wallet_allocation,
    )
    from zhike_insight.loyalty.profit import loyalty_profit
    from zhike_insight.matching.duplicates import find_duplicates, learn_match_weights
    from zhike_insight.matching.names import CompanyName, PersonName, company_name, person_name
    from zhike_insight.matching.records import BadRecords
    from zhike_insight.matching.weights import MatchWeights
    from zhike_insight.matching.words import match_words
    from zhike_insight.matrix import MATRIX_TREATMENTS, ValueMatrix, value_matrix
    from zhike_insight.network.measures import influence, referral_credit
    from zhike_insight.offers.affinity import ProductAffinity
    from zhike_insight.offers.price_steps import price_steps
    from zhike_insight.offers.propensity import ProductPropensity
    from zhike_insight.offers.purchases import Purchases, product_purchases
    from zhike_insight.offers.trial import compare_offers
    from zhike_insight.rfm import EIGHT_CLASSES, ELEVEN_SEGMENTS, rfm, rfm_grid
    from zhike_insight.rhythm import PurchaseRhythm, purchase_intervals
    from zhike_insight.sales_forecast import SalesForecast, forecast_sales
    from zhike_insight.scorecard.binning import Bins, find_bins, woe_and_iv
    from zhike_insight.scorecard.card import Scorecard
    from zhike_insight.scorecard.challenger import ScorecardChallenger
    from zhike_insight.scorecard.expert import ExpertWeights, expert_weights
    from zhike_insight.scorecard.validation import auc, calibration, ks, psi
    from zhike_insight.seasons import Seasonality, chinese_festivals, seasonality
    from zhike_insight.segments.clusters import Choice, KMeansSegments, Rule, choose_k, describe, stability
    from zhike_insight.segments.evaluation import SEGMENT_TESTS, segment_tests
    from zhike_insight.segments.mixture import MixtureSegments
    from zhike_insight.segments.prepare import Preparation
    from zhike_insight.segments.som import SelfOrganisingMap
    from zhike_insight.survival import CoxModel, concordance, kaplan_meier
    from zhike_insight.tables import (
        BadTable,
        calibration_and_holdout,
        purchase_triples,
        repeat_purchases_by_period,
        summaries,
        transactions,
        unusable,
    )
    from zhike_insight.time_units import unit_days
    from zhike_insight.uplift import UpliftModel, lift_over_control
    from zhike_insight.voice.lexicon import TOPICS, lexicon_sentiment, topics_of, urgency_of
    from zhike_insight.voice.sentiment import SentimentModel
    from zhike_insight.voice.words import keywords, word_tree, words_of

# Where each name is: a module is loaded when one of its names is first asked for, so that who predicts waits for no fitting.
_HOME = {
    "zhike_insight.basket": ("association_rules", "baskets_of", "hit_rates", "pair_rules", "recommend"),
    "zhike_insight.churn": ("ChurnModel",),
    "zhike_insight.cohorts": ("cohort_retention",),
    "zhike_insight.control_groups": (
        "GroupDifference",
        "gain_over_control",
        "smallest_visible_lift",
        "standardised_differences",
    ),
    "zhike_insight.engines": ("EngineProblem", "connect"),
    "zhike_insight.estimator": ("NotConverged",),
    "zhike_insight.grades": ("GRADES", "grade_with_grace", "grades", "keep_grades", "whale_curve"),
    "zhike_insight.indicators": ("PILLARS", "Evidence", "nine_indicators"),
    "zhike_insight.lifecycle": ("STAGES", "StageRules", "expected_stays", "stages", "transitions", "trends"),
    "zhike_insight.lifetime.bgnbd": ("BetaGeoNBD",),
    "zhike_insight.lifetime.discrete": ("BetaGeoBetaBinomial", "ShiftedBetaGeometric"),
    "zhike_insight.lifetime.forecast": ("PurchaseForecast", "forecast_purchases"),
    "zhike_insight.lifetime.gamma_gamma": ("GammaGamma",),
    "zhike_insight.lifetime.holdout": ("Forecast", "HoldoutReport", "back_test", "baselines", "holdout_report", "judge"),
    "zhike_insight.lifetime.mbgnbd": ("ModifiedBetaGeoNBD",),
    "zhike_insight.lifetime.pareto": ("ParetoNBD",),
    "zhike_insight.lifetime.simple": ("retention_sensitivity", "retention_value", "simple_value"),
    "zhike_insight.lifetime.triples": ("BadInput", "NotEnoughData"),
    "zhike_insight.lifetime.value": ("LifetimeValues", "discounted_purchases", "lifetime_value", "second_lifetime_value"),
    "zhike_insight.matching.duplicates": ("find_duplicates", "learn_match_weights"),
    "zhike_insight.matching.names": ("CompanyName", "PersonName", "company_name", "person_name"),
    "zhike_insight.matching.records": ("BadRecords",),
    "zhike_insight.matching.weights": ("MatchWeights",),
    "zhike_insight.matching.words": ("match_words",),
    "zhike_insight.matrix": ("MATRIX_TREATMENTS", "ValueMatrix", "value_matrix"),
    "zhike_insight.network.measures": ("influence", "referral_credit"),
    "zhike_insight.offers.affinity": ("ProductAffinity",),
    "zhike_insight.offers.price_steps": ("price_steps",),
    "zhike_insight.offers.propensity": ("ProductPropensity",),
    "zhike_insight.offers.purchases": ("Purchases", "product_purchases"),
    "zhike_insight.offers.trial": ("compare_offers",),
    "zhike_insight.rfm": ("EIGHT_CLASSES", "ELEVEN_SEGMENTS", "rfm", "rfm_grid"),
    "zhike_insight.rhythm": ("PurchaseRhythm", "purchase_intervals"),
    "zhike_insight.sales_forecast": ("SalesForecast", "forecast_sales"),
    "zhike_insight.seasons": ("Seasonality", "chinese_festivals", "seasonality"),
    "zhike_insight.scorecard.binning": ("Bins", "find_bins", "woe_and_iv"),
    "zhike_insight.scorecard.card": ("Scorecard",),
    "zhike_insight.scorecard.challenger": ("ScorecardChallenger",),
    "zhike_insight.scorecard.expert": ("ExpertWeights", "expert_weights"),
    "zhike_insight.scorecard.validation": ("auc", "calibration", "ks", "psi"),
    "zhike_insight.segments.clusters": ("Choice", "KMeansSegments", "Rule", "choose_k", "describe", "stability"),
    "zhike_insight.segments.prepare": ("Preparation",),
    "zhike_insight.segments.som": ("SelfOrganisingMap",),
    "zhike_insight.survival": ("CoxModel", "concordance", "kaplan_meier"),
    "zhike_insight.loyalty.drivers": ("Driver", "KeyDrivers", "key_drivers"),
    "zhike_insight.loyalty.kano": ("KANO_CLASSES", "KanoResult", "kano", "kano_class"),
    "zhike_insight.loyalty.measures": (
        "Estimate",
        "loyalty_matrix",
        "net_promoter",
        "satisfaction_index",
        "share_of_wallet",
        "wallet_allocation",
    ),
    "zhike_insight.loyalty.profit": ("loyalty_profit",),
    "zhike_insight.segments.evaluation": ("SEGMENT_TESTS", "segment_tests"),
    "zhike_insight.segments.mixture": ("MixtureSegments",),
    "zhike_insight.voice.lexicon": ("TOPICS", "lexicon_sentiment", "topics_of", "urgency_of"),
    "zhike_insight.voice.sentiment": ("SentimentModel",),
    "zhike_insight.voice.words": ("keywords", "word_tree", "words_of"),
    "zhike_insight.tables": (
        "BadTable",
        "calibration_and_holdout",
        "purchase_triples",
        "repeat_purchases_by_period",
        "summaries",
        "transactions",
        "unusable",
    ),
    "zhike_insight.time_units": ("unit_days",),
    "zhike_insight.uplift": ("UpliftModel", "lift_over_control"),
}
_MODULES = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "EIGHT_CLASSES",
    "ELEVEN_SEGMENTS",
    "GRADES",
    "KANO_CLASSES",
    "MATRIX_TREATMENTS",
    "PILLARS",
    "SEGMENT_TESTS",
    "STAGES",
    "TOPICS",
    "BadInput",
    "BadRecords",
    "BadTable",
    "BetaGeoBetaBinomial",
    "BetaGeoNBD",
    "Bins",
    "Choice",
    "ChurnModel",
    "CompanyName",
    "CoxModel",
    "Driver",
    "EngineProblem",
    "Estimate",
    "Evidence",
    "ExpertWeights",
    "Forecast",
    "GammaGamma",
    "GroupDifference",
    "HoldoutReport",
    "KMeansSegments",
    "KanoResult",
    "KeyDrivers",
    "LifetimeValues",
    "MatchWeights",
    "MixtureSegments",
    "ModifiedBetaGeoNBD",
    "NotConverged",
    "NotEnoughData",
    "ParetoNBD",
    "PersonName",
    "Preparation",
    "ProductAffinity",
    "ProductPropensity",
    "PurchaseForecast",
    "PurchaseRhythm",
    "Purchases",
    "Rule",
    "SalesForecast",
    "Scorecard",
    "ScorecardChallenger",
    "Seasonality",
    "SelfOrganisingMap",
    "SentimentModel",
    "ShiftedBetaGeometric",
    "StageRules",
    "UpliftModel",
    "ValueMatrix",
    "association_rules",
    "auc",
    "back_test",
    "baselines",
    "baskets_of",
    "calibration",
    "calibration_and_holdout",
    "chinese_festivals",
    "choose_k",
    "cohort_retention",
    "company_name",
    "compare_offers",
    "concordance",
    "connect",
    "describe",
    "discounted_purchases",
    "expected_stays",
    "expert_weights",
    "find_bins",
    "find_duplicates",
    "forecast_purchases",
    "forecast_sales",
    "gain_over_control",
    "grade_with_grace",
    "grades",
    "hit_rates",
    "holdout_report",
    "influence",
    "judge",
    "kano",
    "kano_class",
    "kaplan_meier",
    "keep_grades",
    "key_drivers",
    "keywords",
    "ks",
    "learn_match_weights",
    "lexicon_sentiment",
    "lifetime_value",
    "lift_over_control",
    "loyalty_matrix",
    "loyalty_profit",
    "match_words",
    "net_promoter",
    "nine_indicators",
    "pair_rules",
    "person_name",
    "price_steps",
    "product_purchases",
    "psi",
    "purchase_intervals",
    "purchase_triples",
    "recommend",
    "referral_credit",
    "repeat_purchases_by_period",
    "retention_sensitivity",
    "retention_value",
    "rfm",
    "rfm_grid",
    "satisfaction_index",
    "seasonality",
    "second_lifetime_value",
    "segment_tests",
    "share_of_wallet",
    "simple_value",
    "smallest_visible_lift",
    "stability",
    "stages",
    "standardised_differences",
    "summaries",
    "topics_of",
    "transactions",
    "transitions",
    "trends",
    "unit_days",
    "unusable",
    "urgency_of",
    "value_matrix",
    "wallet_allocation",
    "whale_curve",
    "woe_and_iv",
    "word_tree",
    "words_of",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'zhike_insight' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_MODULES[name]), name)
    return found


def __dir__() -> list[str]:
    return __all__


class _Face(ModuleType):
    """Where a module and what it is for have one name, as `rfm` and `grades`, loading the module does not hide the function."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _MODULES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
