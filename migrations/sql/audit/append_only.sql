-- execute: cv_rules
-- The audit trail is written once: a row may be sealed, and otherwise neither changed nor deleted. Trigger of
-- system_log.
create or replace function app.append_only() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' and old.seq is null and new.seq is not null
     and (old.id, old.at, old.stream, old.action, old.object_type, old.object_id, old.details)
       = (new.id, new.at, new.stream, new.action, new.object_type, new.object_id, new.details)
     and (old.actor_id, old.actor_kind) is not distinct from (new.actor_id, new.actor_kind) then
    return new;
  end if;
  raise exception 'the audit trail is append-only' using errcode = '42501';
end $$;
