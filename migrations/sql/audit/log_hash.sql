-- execute: cv_rules, cv_worker
-- The hash of an audit row: SHA-256 over a version, its number, the hash before it and its content in a fixed form.
-- Version 2 tells by what right somebody acted, too; older rows keep the hash that they were sealed with.
create or replace function app.log_hash(p_seq bigint, p_prev bytea, r public.system_log) returns bytea
language sql stable set search_path = pg_catalog, pg_temp as $$
  select sha256(convert_to(concat_ws('|', case when r.actor_kind is null then 'v1' else 'v2' end, p_seq,
                                     encode(coalesce(p_prev, '\x'), 'hex'), r.stream, extract(epoch from r.at),
                                     coalesce(r.actor_id::text, '-'), r.action, r.object_type, r.object_id,
                                     r.details::text, r.actor_kind), 'UTF8'))
$$;
