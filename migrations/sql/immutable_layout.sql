-- execute: cv_rules
-- A published layout does not change: a seat id keeps its meaning. Trigger of stand, level, bay, seat_row and seat.
create or replace function app.immutable_layout() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  r record := coalesce(new, old);
  v_layout int := r.layout_id;
begin
  if exists (select from public.layout l where l.id = v_layout and l.published_at is not null) then
    raise exception 'layout % is published and immutable', v_layout using errcode = '42501';
  end if;
  return r;
end $$;
