-- execute: cv_rules
-- A role that no line of accounts/rights.py names would open nothing, and nobody would notice.
create or replace function app.known_role() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not app.role_rights() ? new.role then
    raise exception 'there is no role %', new.role using errcode = 'check_violation', constraint = 'known_role';
  end if;
  return new;
end $$;
