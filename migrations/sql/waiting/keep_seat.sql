-- execute: cv_rules
-- A seat comes back while people wait for the event: it is kept for them, and app.serve_waiting() offers it or opens it
-- to everybody. Whatever gives seats back deletes their claims, so this is the one place. Trigger of seat_claim.
create or replace function app.keep_seat() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.seat_claim (event_id, seat_id, state)
  select old.event_id, old.seat_id, 'kept' from public.event e
   where e.id = old.event_id and e.listed_at is not null and e.state <> 'cancelled'
  on conflict (event_id, seat_id) do nothing;
  return null;
end $$;
