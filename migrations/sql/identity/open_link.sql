-- execute: cv_app
-- A signed link was opened: for the rest of this transaction its booking may be read, by whoever holds the link.
create or replace function app.open_link(p_link_hash bytea) returns table (booking_id bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_id bigint;
begin
  select id into v_id from public.booking where link_hash = p_link_hash;
  perform app.act_as(app.uid(), app.actor() -> 'may', v_id);
  return query select v_id where v_id is not null;
end $$;
