-- execute: cv_app
-- Prolong one's own hold, up to the longest one. A hold whose time is over cannot be prolonged.
create or replace function app.extend_hold(p_booking bigint)
returns table (expires_at timestamptz, can_extend boolean, server_time timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  b public.booking;
  v_minutes int;
  v_end timestamptz;
begin
  select * into b from public.booking bk where bk.id = p_booking and bk.customer_id = app.uid() for update;
  if b.id is null then perform app.fail('UNKNOWN_BOOKING', 404); end if;
  if b.state not in ('held', 'paying') or app.is_over(b.expires_at) then
    perform app.fail('HOLD_ENDED', 410, jsonb_build_object('by', b.state));
  end if;
  select coalesce((select e.hold_minutes from public.event e where e.id = b.event_id), app.usual_hold_minutes())
    into v_minutes;
  v_end := greatest(b.expires_at, app.hold_end(v_minutes, b.held_at));
  if v_end = b.expires_at then perform app.fail('HOLD_AT_LIMIT', 409,
                     jsonb_build_object('minutes', extract(epoch from app.longest_hold())::int / 60)); end if;
  update public.booking bk set expires_at = v_end where bk.id = b.id;
  update public.seat_claim c
     set expires_at = case c.state when 'paying' then v_end + app.payment_grace() else v_end end
   where c.booking_id = b.id and c.state in ('held', 'paying');
  update public.parking_claim c
     set expires_at = case c.state when 'paying' then v_end + app.payment_grace() else v_end end
   where c.booking_id = b.id and c.state in ('held', 'paying');
  return query select v_end, v_end < b.held_at + app.longest_hold(), clock_timestamp();
end $$;
