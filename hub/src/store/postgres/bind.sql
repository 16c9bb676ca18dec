-- Binds every table of the hub (`officine.tables`) to its pharmacy, whatever migration made it; others are left alone.
-- `officine.serving` names the role that serves. A policy is replaced by one of another name.
DO $$
DECLARE
    serving CONSTANT text := quote_ident(current_setting('officine.serving'));
    bound CONSTANT text := 'nullif(current_setting(''officine.pharmacy'', true), '''')::bigint';
    found record;
    policy name;
    condition text;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %s', current_schema(), serving);
    FOR found IN
        SELECT c.oid, c.relname, format('%I', c.relname) AS quoted, c.relrowsecurity AND c.relforcerowsecurity AS forced,
            EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'pharmacy_id') AS of_pharmacy
        FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
            AND c.relname = ANY (string_to_array(current_setting('officine.tables'), ','))
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, %s', found.quoted, serving);
        CONTINUE WHEN found.relname = 'refinery_schema_history';
        IF found.of_pharmacy THEN
            condition := format('pharmacy_id = %s', bound);
        ELSIF found.relname = 'pharmacy' THEN
            condition := format('id = %s', bound);
        ELSE
            RAISE EXCEPTION 'table % belongs to no pharmacy', found.relname;
        END IF;
        IF NOT found.forced THEN
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', found.quoted);
        END IF;
        FOR policy IN SELECT polname FROM pg_policy WHERE polrelid = found.oid AND polname NOT IN ('of_pharmacy', 'of_owner') LOOP
            EXECUTE format('DROP POLICY %I ON %s', policy, found.quoted);
        END LOOP;
        IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = found.oid AND polname = 'of_pharmacy') THEN
            EXECUTE format('CREATE POLICY of_pharmacy ON %s USING (%s) WITH CHECK (%s)', found.quoted, condition, condition);
        END IF;
    END LOOP;
    -- Who is who: the owner sees it whole, and through these functions alone the serving role learns of a pharmacy.
    FOREACH policy IN ARRAY ARRAY['pharmacy', 'device', 'enrolment_code'] LOOP
        IF NOT EXISTS (
            SELECT FROM pg_policy p WHERE p.polrelid = to_regclass(policy::text) AND p.polname = 'of_owner'
                AND p.polroles = ARRAY(SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user)
        ) THEN
            EXECUTE format('DROP POLICY IF EXISTS of_owner ON %I', policy);
            EXECUTE format('CREATE POLICY of_owner ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', policy);
        END IF;
    END LOOP;
    -- What a function answers is not changed in place.
    IF EXISTS (
        SELECT FROM pg_proc p WHERE p.oid = to_regprocedure('device_of_token(bytea)')
            AND NOT 'last_seq' = ANY (coalesce(p.proargnames, '{}'))
    ) THEN
        DROP FUNCTION device_of_token(bytea);
    END IF;
    EXECUTE format($f$
        CREATE OR REPLACE FUNCTION device_of_token(bytea)
        RETURNS TABLE (pharmacy_id bigint, id bigint, uid bytea, series bigint, revoked_at bigint, quarantined_at bigint, last_seq bigint)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = %1$I, pg_temp AS
        'SELECT d.pharmacy_id, d.id, d.uid, d.series, d.revoked_at, d.quarantined_at, d.last_seq FROM device d WHERE d.token_hash = $1'
    $f$, current_schema());
    EXECUTE format($f$
        CREATE OR REPLACE FUNCTION pharmacy_of_code(bytea) RETURNS SETOF bigint
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = %1$I, pg_temp AS
        'SELECT c.pharmacy_id FROM enrolment_code c WHERE c.code_hash = $1'
    $f$, current_schema());
    EXECUTE format($f$
        CREATE OR REPLACE FUNCTION pharmacy_ids() RETURNS SETOF bigint
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = %1$I, pg_temp AS
        'SELECT p.id FROM pharmacy p ORDER BY p.id'
    $f$, current_schema());
    REVOKE EXECUTE ON FUNCTION device_of_token(bytea), pharmacy_of_code(bytea), pharmacy_ids() FROM PUBLIC;
    EXECUTE format('GRANT EXECUTE ON FUNCTION device_of_token(bytea), pharmacy_of_code(bytea), pharmacy_ids() TO %s', serving);
END
$$;
