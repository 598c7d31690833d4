-- execute: cv_worker
-- A bank has declined a card of this intent: counted once, by the charge's id, for its buyer, the address that the
-- payment came from, and the card. Returns until when the buyer is paused now if the intent is still open, or null.
create or replace function app.note_decline(p_intent text, p_decline text, p_card bytea) returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_customer bigint;
  v_state text;
  v_address bytea;
begin
  select b.customer_id, p.state, a.address_key into v_customer, v_state, v_address
    from public.payment_transaction p join public.booking b on b.id = p.booking_id
    left join public.booking_address a on a.booking_id = b.id where p.intent_id = p_intent;
  if v_customer is null then return null; end if;
  insert into public.card_decline (id, customer_id, address_key, card_key)
  values (p_decline, v_customer, v_address, p_card) on conflict (id) do nothing;
  if v_state in ('succeeded', 'failed', 'canceled') then return null; end if;
  return app.card_pause(v_customer, v_address);
end $$;
