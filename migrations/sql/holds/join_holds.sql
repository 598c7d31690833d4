-- execute: cv_rules
-- A hold that another one has joined: the earlier beginning of the two counts, everything in it ends together, and its
-- totals are those of its lines.
create or replace function app.join_holds(p_booking bigint, p_held_at timestamptz, p_end timestamptz) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  update public.seat_claim c set expires_at = p_end where c.booking_id = p_booking and c.state = 'held';
  update public.parking_claim c set expires_at = p_end where c.booking_id = p_booking and c.state = 'held';
  update public.booking b set held_at = least(b.held_at, p_held_at), expires_at = p_end where b.id = p_booking;
  perform app.total_booking(p_booking);
end $$;
