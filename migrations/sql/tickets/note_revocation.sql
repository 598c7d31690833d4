-- execute: cv_rules
-- Note which transaction revoked a code, so that the gate's lists can ask for what is new. Trigger of qr_code.
create or replace function app.note_revocation() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.revoked_xid := pg_current_xact_id()::text::bigint;
  return new;
end $$;
