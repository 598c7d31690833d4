-- execute: cv_app
-- Give one's own hold back at once ("start again"). A booking that is being paid is not released here: its intent is
-- cancelled first.
create or replace function app.release_booking(p_booking bigint)
returns table (event_id int, seats int[], version bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  b public.booking;
begin
  select * into b from public.booking bk where bk.id = p_booking and bk.customer_id = app.uid() for update;
  if b.id is null then perform app.fail('UNKNOWN_BOOKING', 404); end if;
  if b.state = 'paying' then perform app.fail('BEING_PAID'); end if;
  if b.state in ('released', 'expired') then return query select b.event_id, '{}'::int[], 0::bigint; return; end if;
  if b.state <> 'held' then perform app.fail('ALREADY_PAID'); end if;
  return query select b.event_id, app.close_booking(b.id, 'released'), nextval('public.seat_version');
end $$;
