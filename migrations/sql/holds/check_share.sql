-- execute: cv_rules
-- Refuse a hold that goes beyond the share of its browser or its address. p_have: what this buyer has at the event
-- already, without the seats asked for. What is left is counted only where the least share does not do, so that an
-- ordinary hold costs the same in every ground. One hold of an address at a time is counted. True when the address has
-- to be noted; a known buyer is bound by neither share.
create or replace function app.check_share(e public.event, p_customer bigint, p_address bytea, p_have int,
                                           p_seats int[])
returns boolean language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  v_asked int := cardinality(p_seats);
  v_held int := 0;
  v_left bigint := 0;
begin
  if app.is_known_buyer(p_customer) then return false; end if;
  if p_address is not null then
    perform pg_advisory_xact_lock(hashtextextended(encode(p_address, 'hex'), e.id));
    select count(*) into v_held
      from public.booking_address a join public.booking b on b.id = a.booking_id
      join public.customer cu on cu.id = b.customer_id join public.seat_claim c on c.booking_id = b.id
     where a.address_key = p_address and b.event_id = e.id and b.state in ('held', 'paying') and cu.kind <> 'fan'
       and not app.is_over(c.expires_at) and not (b.customer_id = p_customer and c.seat_id = any (p_seats));
  end if;
  if v_held + v_asked > app.unpaid_share('seat_address', 0)
     or p_have + v_asked > app.unpaid_share('seat_browser', 0) then
    select l.seat_count - (select count(*) from public.seat_claim c where c.event_id = e.id) into v_left
      from public.layout l where l.id = e.layout_id;
  end if;
  if p_have + v_asked > app.unpaid_share('seat_browser', v_left) then
    perform app.fail('BROWSER_SHARE', 409, jsonb_build_object('limit', app.unpaid_share('seat_browser', v_left)));
  end if;
  if v_held + v_asked > app.unpaid_share('seat_address', v_left) then perform app.fail('ADDRESS_SHARE'); end if;
  return p_address is not null;
end $$;
