"""Runs with their scores, analyses with their findings. Scores and findings are tables partitioned by run and by analysis: each
writes its own partition and then becomes the current one."""

from django.db import models

from zhike.customers.models import Customer
from zhike.teams.models import User
from zhike.value.choices import CreditState, Grade, RfmClass, RfmSegment, RunState, Stage, Treatment


class Undertaking(models.Model):
    """Work that takes a while: asked for by whom, how far it is, how it ended."""

    state = models.CharField(max_length=10, choices=RunState, default=RunState.WAITING)
    step = models.CharField(max_length=40, blank=True)
    progress = models.SmallIntegerField(default=0)  # per cent
    seconds = models.JSONField(default=dict)  # {step: seconds}
    problem = models.TextField(blank=True)
    cancel_requested = models.BooleanField(default=False)
    started_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Run(Undertaking):
    """One scoring of all customers: as of when, by which method, with which result. Reproducible from its snapshot."""

    as_of = models.DateField()
    is_current = models.BooleanField(default=False)
    assumptions = models.JSONField(default=dict)  # margin, discount rate, horizon, …
    customers = models.BigIntegerField(default=0)
    orders = models.BigIntegerField(default=0)
    models_fitted = models.JSONField(default=dict)  # {"bgnbd": {…}, "gamma_gamma": {…}}
    report = models.JSONField(default=dict)  # hold-out, movement, whale curve points, drift
    customer_equity = models.DecimalField(max_digits=20, decimal_places=2, null=True)

    class Meta:
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["is_current"], condition=models.Q(is_current=True), name="one_current_run")]


class Score(models.Model):
    """What one run says about one customer. `managed = False`: the migration makes the partitioned table by SQL.

    Times are days. Money is in the company's currency. `frequency` counts repeat purchase days, `recency` the days from the
    first to the last of them, `age` the days from the first purchase to `as_of`.
    """

    pk = models.CompositePrimaryKey("run_id", "customer_id")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="scores", db_constraint=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="scores", db_constraint=False)
    as_of = models.DateField()
    orders = models.IntegerField()  # sales
    returns = models.IntegerField()
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    revenue = models.DecimalField(max_digits=16, decimal_places=2)  # net of returns
    margin = models.DecimalField(max_digits=16, decimal_places=2)
    frequency = models.IntegerField()
    recency = models.IntegerField()
    age = models.IntegerField()
    mean_spend = models.FloatField(null=True)  # of a repeat purchase day
    rhythm_days = models.FloatField(null=True)  # own interval between purchase days, shrunk to the typical one
    silence_ratio = models.FloatField(null=True)  # days since the last one over the own rhythm
    silence_probability = models.FloatField(null=True)  # of so long a silence, if the customer kept the own rhythm
    r_score = models.SmallIntegerField(null=True)
    f_score = models.SmallIntegerField(null=True)
    m_score = models.SmallIntegerField(null=True)
    rfm_class = models.CharField(max_length=20, choices=RfmClass, null=True)
    segment = models.CharField(max_length=20, choices=RfmSegment, null=True)
    p_alive = models.FloatField(null=True)
    expected_orders = models.FloatField(null=True)  # purchase days in the next 12 months
    expected_spend = models.FloatField(null=True)  # of one purchase day
    clv = models.FloatField(null=True)  # discounted margin of the horizon
    clv_low = models.FloatField(null=True)
    clv_high = models.FloatField(null=True)
    grade = models.CharField(max_length=10, choices=Grade, null=True)
    earned_grade = models.CharField(max_length=10, choices=Grade, null=True)  # before grace
    grade_since = models.DateField(null=True)
    grace_until = models.DateField(null=True)  # then the lower grade is taken over
    stage = models.CharField(max_length=10, choices=Stage, null=True)
    cost = models.FloatField(null=True)  # to win and keep, in the last 52 weeks, by the assumptions
    profit = models.FloatField(null=True)  # margin of the last 52 weeks
    treatment = models.CharField(max_length=10, choices=Treatment, null=True)  # cell of cost × profit × lifetime value
    trend = models.FloatField(null=True)  # spend of the last half year over the half year before, minus one

    class Meta:
        managed = False
        db_table = "zhike_score"


class Decision(models.Model):
    """What somebody decided on a finding of the analysis, with the figures as they were then."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="decisions")
    text = models.TextField()
    figures = models.JSONField(default=dict)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="decision_says_something")]


class Analysis(Undertaking):
    """One carrying out of a kind of analysis: with which options, how far it is, what it found about all customers together."""

    kind = models.CharField(max_length=20)  # a name in zhike.value.analyses.kinds
    is_current = models.BooleanField(default=False)  # the one of its kind that everybody sees
    is_kept = models.BooleanField(default=False)  # a person wants it to stay, however old it gets
    options = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    run = models.ForeignKey(Run, null=True, on_delete=models.PROTECT, related_name="analyses")  # whose scores it used
    facts = models.CharField(max_length=40, blank=True)  # token of the copy of the orders it used
    as_of = models.DateField(null=True)
    customers = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("-pk",)
        indexes = [models.Index(fields=["kind", "-id"], name="analysis_of_kind")]
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=models.Q(is_current=True), name="one_current_analysis"),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(state__in=["waiting", "running"]), name="one_analysis_under_way"
            ),
        ]


class Finding(models.Model):
    """What one analysis says about one customer. `managed = False`: the migration makes the partitioned table by SQL.

    What group and value mean is said by the kind of analysis.
    """

    pk = models.CompositePrimaryKey("analysis_id", "customer_id")
    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="findings", db_constraint=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="findings", db_constraint=False)
    group = models.CharField(max_length=40, null=True)
    value = models.FloatField(null=True)
    detail = models.JSONField(null=True)

    class Meta:
        managed = False
        db_table = "zhike_finding"


class CreditDecision(models.Model):
    """Somebody wants another grade, limit or time to pay for one customer than the rules give, or states a guarantee. In force once
    approved, until it is ended or another one follows."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="credit_decisions", db_index=False)
    state = models.CharField(max_length=10, choices=CreditState, default=CreditState.ASKED)
    grade = models.CharField(max_length=1, blank=True)  # empty: as it is rated
    limit = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)  # null: by the grade
    terms = models.SmallIntegerField(null=True, blank=True)  # days; null: by the grade
    guarantee = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    reason = models.TextField()
    rated = models.JSONField(default=dict)  # what the rules gave when it was asked
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = [models.Index(fields=["customer", "-id"], name="credit_of_customer")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "state"], condition=models.Q(state__in=["asked", "approved"]), name="one_credit_decision"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="credit_decision_says_why"),
            models.CheckConstraint(condition=models.Q(limit=None) | models.Q(limit__gte=0), name="credit_limit_not_negative"),
            models.CheckConstraint(condition=models.Q(terms=None) | models.Q(terms__range=(0, 365)), name="credit_terms_sane"),
            models.CheckConstraint(condition=models.Q(guarantee__gte=0), name="credit_guarantee_not_negative"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
