-- execute: cv_app
-- Say no to the open offer of this link (p_stay), or leave altogether. Either way what was offered comes back for the
-- next. Leaving twice changes nothing. Returns the seats, with the number of this change.
create or replace function app.leave_waiting(p_link_hash bytea, p_stay boolean)
returns table (event_id int, seats int[], version bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  w public.waiting_entry;
  o public.waiting_offer;
  e public.event;
  v_seats int[] := '{}';
begin
  select * into w from public.waiting_entry x where x.link_hash = p_link_hash for update;
  if w.id is null then perform app.fail('NOT_WAITING', 404); end if;
  select * into e from public.event ev where ev.id = w.event_id;
  select * into o from public.waiting_offer x where x.entry_id = w.id and x.state = 'open' for update;
  if o.id is null and p_stay then perform app.fail('OFFER_PASSED', 410); end if;
  if o.id is not null then
    v_seats := app.end_offer(e, o, case when app.is_over(o.ends_at) then 'unanswered' else 'declined' end);
  end if;
  if not p_stay then
    update public.waiting_entry set state = 'left', closed_at = clock_timestamp()
     where id = w.id and state in ('waiting', 'offered');
  end if;
  return query select e.id, v_seats, nextval('public.seat_version');
end $$;
