-- execute: cv_rules
-- Which seats a statement has claimed, changed or freed: one line of seat_move for each event. Trigger of seat_claim,
-- once a statement; `moved` are its rows.
create or replace function app.note_moves() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.seat_move (event_id, seats)
  select m.event_id, array_agg(m.seat_id) from moved m group by m.event_id;
  return null;
end $$;
