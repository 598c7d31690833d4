-- execute: cv_app
-- How a booking of whoever acts stands, by the intent of an attempt or by its number: with the state of the attempt
-- (the latest, where it is asked for by number), under row security; null where it is not theirs.
create or replace function app.payment_standing(p_intent text, p_booking bigint) returns json
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  v_booking bigint := p_booking;
  v_found json;
begin
  if p_intent is not null then
    select p.booking_id into v_booking from public.payment_transaction p where p.intent_id = p_intent;
  end if;
  select json_build_object('booking_id', b.id, 'reference', b.reference, 'state', b.state, 'payment', p.state,
                           'intent_id', p.intent_id, 'error_code', p.error_code) into v_found
    from public.booking b
    left join public.payment_transaction p on p.booking_id = b.id and (p_intent is null or p.intent_id = p_intent)
   where b.id = v_booking and b.customer_id = (select app.uid())
   order by p.id desc limit 1;
  return v_found;
end $$;
