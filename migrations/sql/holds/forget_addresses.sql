-- execute: cv_worker
-- Where holds and payments came from, and declined cards, are forgotten after two hours: nothing that asks for them
-- looks back further than one. Returns how many rows went.
create or replace function app.forget_addresses() returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_addresses int;
  v_declines int;
begin
  delete from public.booking_address a where a.noted_at < now() - interval '2 hours';
  get diagnostics v_addresses = row_count;
  update public.waiting_entry w set address_key = null
   where w.address_key is not null and w.created_at < now() - interval '2 hours';
  delete from public.card_decline d where d.at < now() - interval '2 hours';
  get diagnostics v_declines = row_count;
  return v_addresses + v_declines;
end $$;
