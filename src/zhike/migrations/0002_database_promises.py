"""What the ORM cannot say: the score table partitioned by run, the trail that refuses changes, the log of changed order ranges."""

from django.db import migrations

SCORES = """
CREATE TABLE zhike_score (
    run_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    as_of date NOT NULL,
    orders integer NOT NULL,
    returns integer NOT NULL,
    first_on date,
    last_on date,
    revenue numeric(16, 2) NOT NULL,
    margin numeric(16, 2) NOT NULL,
    frequency integer NOT NULL CHECK (frequency >= 0),
    recency integer NOT NULL CHECK (recency >= 0),
    age integer NOT NULL CHECK (age >= recency),
    mean_spend double precision,
    rhythm_days double precision,
    silence_ratio double precision,
    r_score smallint,
    f_score smallint,
    m_score smallint,
    rfm_class varchar(20),
    p_alive double precision CHECK (p_alive BETWEEN 0 AND 1),
    expected_orders double precision,
    expected_spend double precision,
    clv double precision,
    clv_low double precision,
    clv_high double precision,
    grade varchar(10),
    earned_grade varchar(10),
    grade_since date,
    stage varchar(10),
    trend double precision,
    segment varchar(20),
    grace_until date,
    silence_probability double precision,
    PRIMARY KEY (run_id, customer_id)
) PARTITION BY LIST (run_id);
CREATE INDEX score_by_clv ON zhike_score (run_id, clv DESC NULLS LAST, customer_id DESC);
CREATE INDEX score_by_grade ON zhike_score (run_id, grade, clv DESC NULLS LAST, customer_id DESC);
CREATE INDEX score_by_stage ON zhike_score (run_id, stage, clv DESC NULLS LAST, customer_id DESC);
CREATE INDEX score_by_class ON zhike_score (run_id, rfm_class, clv DESC NULLS LAST, customer_id DESC);
CREATE INDEX score_by_last ON zhike_score (run_id, last_on DESC NULLS LAST, customer_id DESC);
CREATE INDEX score_by_revenue ON zhike_score (run_id, revenue DESC, customer_id DESC);
"""

APPEND_ONLY = """
CREATE FUNCTION zhike_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON zhike_auditentry
    FOR EACH ROW EXECUTE FUNCTION zhike_refuse_change();
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON zhike_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION zhike_refuse_change();
CREATE TRIGGER seal_append_only BEFORE UPDATE OR DELETE ON zhike_auditseal
    FOR EACH ROW EXECUTE FUNCTION zhike_refuse_change();
"""

DIRTY = """
CREATE FUNCTION zhike_mark_dirty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO zhike_factsdirty (bucket, at) SELECT DISTINCT (id >> 18)::integer, now() FROM changed;
    RETURN NULL;
END $$;
CREATE TRIGGER order_inserted AFTER INSERT ON zhike_order REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION zhike_mark_dirty();
CREATE TRIGGER order_updated AFTER UPDATE ON zhike_order REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION zhike_mark_dirty();
CREATE TRIGGER order_deleted AFTER DELETE ON zhike_order REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION zhike_mark_dirty();
"""


class Migration(migrations.Migration):
    dependencies = [("zhike", "0001_initial")]
    operations = [
        migrations.RunSQL(SCORES, "DROP TABLE zhike_score"),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
        migrations.RunSQL(DIRTY, migrations.RunSQL.noop),
    ]
