-- execute: cv_rules
-- Until when this buyer, paying from this address, is asked to wait because of declined cards; null if not at all. Five
-- within the window pause a person, and whoever tries a card that was declined so often. An address may have ten and
-- one more for each payment that it brought in the same time, so that a crowd behind a ground's Wi-Fi, most of whose
-- cards are good, is not paused by a few; and it never stops a buyer who has paid before.
create or replace function app.card_pause(p_customer bigint, p_address bytea) returns timestamptz
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  v_window constant interval := app.decline_window();
  v_since constant timestamptz := clock_timestamp() - v_window;
  v_at timestamptz;
  v_card timestamptz;
  v_address timestamptz;
  v_good int;
begin
  select d.at into v_at from public.card_decline d
   where d.customer_id = p_customer and d.at > v_since order by d.at desc offset 4 limit 1;
  select max(x.at) into v_card
    from (select distinct d.card_key from public.card_decline d
           where d.customer_id = p_customer and d.at > v_since and d.card_key is not null) mine,
         lateral (select d.at from public.card_decline d
                   where d.card_key = mine.card_key and d.at > v_since order by d.at desc offset 4 limit 1) x;
  -- The payments of an address may be many: they are counted only where cards were declined so often.
  if exists (select from public.card_decline d where d.address_key = p_address and d.at > v_since offset 9)
     and not exists (select from public.booking b where b.customer_id = p_customer and b.state in ('paid', 'refunded'))
  then
    select count(*) into v_good from public.booking_address a join public.payment_transaction p
        on p.booking_id = a.booking_id
     where a.address_key = p_address and p.state = 'succeeded' and p.captured > 0 and p.settled_at > v_since;
    select d.at into v_address from public.card_decline d
     where d.address_key = p_address and d.at > v_since order by d.at desc offset 9 + v_good limit 1;
  end if;
  return greatest(v_at, v_card, v_address) + v_window;
end $$;
