-- execute: cv_worker
-- Tidy up holds whose time is over: they were free already, now their rows go too. Bookings that are being paid are
-- never touched here.
create or replace function app.sweep_holds(p_limit int default 500)
returns table (event_id int, seats int[], version bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  b record;
begin
  for b in select bk.id, bk.event_id from public.booking bk
            where app.has_lapsed(bk.state, bk.expires_at, clock_timestamp() - interval '5 seconds')
            order by bk.expires_at limit p_limit for update skip locked
  loop
    return query select b.event_id, app.close_booking(b.id, 'expired'), nextval('public.seat_version');
  end loop;
end $$;
