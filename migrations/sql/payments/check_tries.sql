-- execute: cv_rules
-- Refuse the fourth intent of an order. What was merged, or given back and taken again under the same clock, is the
-- same order.
create or replace function app.check_tries(b public.booking) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  if (select count(*) from public.booking o join public.payment_transaction p on p.booking_id = o.id
       where o.customer_id = b.customer_id and o.stadium_id = b.stadium_id
         and o.event_id is not distinct from b.event_id and o.held_at >= b.held_at
         and o.state not in ('paid', 'refunded', 'lost') and p.kind = 'stripe') >= 3 then
    perform app.fail('PAYMENT_TRIES', 409,
                     jsonb_build_object('minutes', extract(epoch from app.hold_rest())::int / 60));
  end if;
end $$;
