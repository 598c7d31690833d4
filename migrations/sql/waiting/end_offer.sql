-- execute: cv_rules
-- An offer ends without being taken: declined, unanswered or over (nothing is sold any more). What it held comes back,
-- and is kept for the next. Whoever waits stays in their place, unless it was the last one of app.most_unanswered().
-- The caller has locked the entry, then the offer. Returns the seats.
create or replace function app.end_offer(e public.event, o public.waiting_offer, p_state text) returns int[]
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  b public.booking;
  w public.waiting_entry;
  v_seats int[] := '{}';
begin
  select * into b from public.booking bk where bk.id = o.booking_id for update;
  if b.state = 'held' then
    v_seats := app.close_booking(b.id, case p_state when 'unanswered' then 'expired' else 'released' end);
  end if;
  update public.waiting_offer set state = p_state, answered_at = clock_timestamp() where id = o.id;
  update public.waiting_entry x
     set unanswered = n.unanswered, state = n.state,
         closed_at = case when n.state = 'waiting' then null else clock_timestamp() end
    from (select y.id, y.unanswered + (p_state = 'unanswered')::int as unanswered,
                 case when p_state = 'over' then 'over'
                      when p_state = 'unanswered' and y.unanswered + 1 >= app.most_unanswered() then 'left'
                      else 'waiting' end as state
            from public.waiting_entry y where y.id = o.entry_id) n
   where x.id = n.id
  returning x.* into w;
  if w.state = 'left' then
    perform app.queue_mail('waiting_left', w.email, null, 'waiting_left:' || w.id, jsonb_build_object('entry', w.id));
  end if;
  perform app.log(e.stadium_id, 'waiting.' || p_state, 'event', e.id::text,
                  jsonb_build_object('offer', o.id, 'seats', to_jsonb(o.seats)),
                  case when session_user = 'cv_app' then 'link' end);
  return v_seats;
end $$;
