-- execute: cv_rules
-- What was scanned is kept as it was. Trigger of scan.
create or replace function app.keep_scan() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'scans are append-only' using errcode = '42501';
end $$;
