-- execute: cv_app
-- Staff cancel an event for good. A job then refunds every booking, each exactly once.
create or replace function app.cancel_event(p_event int, p_note text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  e public.event;
begin
  select * into e from public.event ev where ev.id = p_event and ev.stadium_id = any (app.staff_of()) for no key update;
  if e.id is null then perform app.fail('UNKNOWN_EVENT', 404); end if;
  if e.state = 'cancelled' then return; end if;
  update public.event set state = 'cancelled', cancelled_at = now() where id = e.id;
  update public.match m set state = 'cancelled' from public.event_match em
   where em.event_id = e.id and em.match_id = m.id and m.state = 'scheduled'
     and not exists (select from public.event_match o join public.event oe on oe.id = o.event_id
                      where o.match_id = m.id and oe.state <> 'cancelled');
  perform app.log(e.stadium_id, 'event.cancelled', 'event', e.id::text, jsonb_build_object('note', p_note));
end $$;
