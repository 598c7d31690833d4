-- execute: cv_app, cv_worker, cv_rules
-- The customer this transaction acts for, or null. After a COMMIT the setting reads '' and not null.
create or replace function app.uid() returns bigint language sql stable parallel safe set search_path = pg_catalog, pg_temp as
$$ select nullif(current_setting('app.uid', true), '')::bigint $$;
