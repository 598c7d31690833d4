-- execute: cv_app
-- Staff put blocked seats back on sale.
create or replace function app.unblock_seats(p_event int, p_seats int[]) returns table (freed int[], version bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  e public.event;
  v_got int[];
begin
  select * into e from public.event ev where ev.id = p_event and ev.stadium_id = any (app.staff_of());
  if e.id is null then perform app.fail('UNKNOWN_EVENT', 404); end if;
  with gone as (delete from public.seat_claim c
                 where c.event_id = e.id and c.seat_id = any (p_seats) and c.state = 'blocked' returning c.seat_id)
  select coalesce(array_agg(seat_id), '{}') into v_got from gone;
  perform app.log(e.stadium_id, 'seats.unblocked', 'event', e.id::text, jsonb_build_object('seats', to_jsonb(v_got)));
  return query select v_got, nextval('public.seat_version');
end $$;
