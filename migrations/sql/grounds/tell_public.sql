-- execute: cv_rules
-- Something that pages show to everybody has changed: its version moves, once a transaction and at the very end of it,
-- so that nobody waits for the row longer than a commit takes. Whoever sees the new number sees what has changed, too.
create or replace function app.tell_public() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set row_security = on as $$
declare
  v_topic text := case tg_table_name when 'match_snapshot' then 'scores' else 'catalogue' end;
  v_mark text := pg_current_xact_id()::text;
begin
  if tg_op = 'UPDATE' and v_topic = 'catalogue' and old is not distinct from new then return null; end if;
  if current_setting('app.told_' || v_topic, true) is distinct from v_mark then
    update public.public_version set n = n + 1 where topic = v_topic;
    perform set_config('app.told_' || v_topic, v_mark, true);
  end if;
  return null;
end $$;
