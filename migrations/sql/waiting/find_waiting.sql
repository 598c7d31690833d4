-- execute: cv_app
-- An entry as its own page shows it: by its link, or a fan's own open ones, of an event or of all. `place` counts from
-- one, in a line where whoever has an offer still stands; `answer` is the newest offer's state. The booking of an open
-- offer may be read for the rest of the transaction, by whoever holds the link.
create or replace function app.find_waiting(p_link_hash bytea, p_event int default null)
returns table (id uuid, event_id int, kind text, state text, seats int, together boolean, band text, most bigint,
               unanswered int, place int, answer text, booking_id bigint, ends_at timestamptz, server_time timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  r record;
begin
  for r in
    select w.id, w.event_id, w.kind, w.state, w.seats::int as seats, w.together, w.band, w.most,
           w.unanswered::int as unanswered, p.place, o.state as answer,
           case when o.state = 'open' then o.booking_id end as booking_id, o.ends_at
      from public.waiting_entry w
      left join lateral (select * from public.waiting_offer x where x.entry_id = w.id order by x.id desc limit 1) o
        on true
      left join lateral (select count(*)::int as place from public.waiting_entry x
                          where x.event_id = w.event_id and x.kind = w.kind and x.seq <= w.seq
                            and x.state in ('waiting', 'offered')) p on w.state in ('waiting', 'offered')
     where case when p_link_hash is not null then w.link_hash = p_link_hash
                else w.customer_id = app.uid() and w.state in ('waiting', 'offered')
                 and (p_event is null or w.event_id = p_event) end
     order by w.seq
  loop
    if p_link_hash is not null and r.booking_id is not null then
      perform app.act_as(app.uid(), app.actor() -> 'may', r.booking_id);
    end if;
    return query select r.id, r.event_id, r.kind, r.state, r.seats, r.together, r.band, r.most, r.unanswered, r.place,
                        r.answer, r.booking_id, r.ends_at, clock_timestamp();
  end loop;
end $$;
