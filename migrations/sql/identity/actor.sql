-- execute: cv_app, cv_worker, cv_rules
-- Who acts in this transaction, {uid, may, link}, as app.act_as() has sealed it; null for nobody, and for whatever else
-- somebody wrote into the setting. In parallel workers another backend's number would break the seal: restricted.
create or replace function app.actor() returns jsonb
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_said text := current_setting('app.actor', true);
begin
  if v_said <> '' and left(v_said, 64) = app.seal(substr(v_said, 65)) then
    return substr(v_said, 65)::jsonb;
  end if;
  return null;
end $$;
