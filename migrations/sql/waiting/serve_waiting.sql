-- execute: cv_worker
-- One round for one event whose waiting list is open: offers that ran out end; what came back is offered, in the order
-- of the line, each seat to the first whom it fits; what nobody in line wants is opened to everybody; and when nobody
-- is left, the sale is as before. Any number of workers may call it: one has the event, the others get nothing. Returns
-- what changed: (held | free, seats, version).
create or replace function app.serve_waiting(p_event int) returns table (state text, seats int[], version bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  e public.event;
  o public.waiting_offer;
  w public.waiting_entry;
  v_sale text;
  v_wish text;
  v_kept int[];
  v_pool int[];
  v_seats int[];
  v_offered int[] := '{}';
  v_passed text[] := '{}';  -- wishes that nothing in the pool fits; it only gets smaller
begin
  select * into e from public.event ev where ev.id = p_event for no key update skip locked;
  if e.id is null then return; end if;
  v_sale := app.sale_state(e.state, e.starts_at, e.sale_starts_at, e.sale_ends_at, clock_timestamp());

  for w in select x.* from public.waiting_entry x
            where x.event_id = e.id and x.kind = 'seats' and x.state = 'offered' order by x.seq for update
  loop
    select * into o from public.waiting_offer wo where wo.entry_id = w.id and wo.state = 'open' for update;
    if v_sale = 'cancelled' then perform app.end_offer(e, o, 'over');
    elsif app.is_over(o.ends_at) then perform app.end_offer(e, o, 'unanswered');
    end if;
  end loop;
  if v_sale in ('cancelled', 'past', 'ended') then
    update public.waiting_entry x set state = 'over', closed_at = clock_timestamp()
     where x.event_id = e.id and x.state = 'waiting';
  end if;

  select array_agg(c.seat_id order by c.seat_id) into v_kept
    from public.seat_claim c where c.event_id = e.id and c.state = 'kept';
  if v_kept is not null and v_sale = 'on_sale' then
    select v_kept || array(select s.id from public.seat s
                            where s.layout_id = e.layout_id
                              and not exists (select from public.seat_claim c
                                               where c.event_id = e.id and c.seat_id = s.id)) into v_pool;
    for w in select x.* from public.waiting_entry x
              where x.event_id = e.id and x.kind = 'seats' and x.state = 'waiting' order by x.seq
    loop
      v_wish := concat_ws(',', w.seats, w.together, coalesce(w.band, '-'), coalesce(w.most::text, '-'));
      continue when v_wish = any (v_passed);
      loop
        v_seats := app.fitting_seats(e, w, v_pool);
        exit when v_seats is null;
        -- Locked where there is something to offer: whoever has just left is passed, and the next is asked.
        perform from public.waiting_entry x where x.id = w.id and x.state = 'waiting' for update;
        exit when not found;
        if app.offer_seats(e, w, v_seats) then
          v_pool := array(select x from unnest(v_pool) x where x <> all (v_seats));
          v_offered := v_offered || v_seats;
          exit;
        end if;
        -- A buyer was quicker with one that was on sale; the others are still there.
        v_pool := array(select x from unnest(v_pool) x
                         where not exists (select from public.seat_claim c
                                            where c.event_id = e.id and c.seat_id = x and c.state <> 'kept'));
      end loop;
      -- What does not fit one who was never offered anything fits nobody with the same wish.
      if v_seats is null and not exists (select from public.waiting_offer wo where wo.entry_id = w.id) then
        v_passed := v_passed || v_wish;
      end if;
      exit when cardinality(v_pool) = 0;
    end loop;
  end if;

  if not exists (select from public.waiting_entry x
                  where x.event_id = e.id and x.kind = 'seats' and x.state in ('waiting', 'offered')) then
    update public.event set listed_at = null where id = e.id and listed_at is not null;
    v_sale := 'on_sale';
  end if;
  if v_sale not in ('stopped', 'not_yet') then
    with opened as (delete from public.seat_claim c
                     where c.event_id = e.id and c.state = 'kept' and c.seat_id = any (v_kept) returning c.seat_id)
    select array_agg(x.seat_id) into v_seats from opened x;
    if v_seats is not null then
      perform app.log(e.stadium_id, 'waiting.opened', 'event', e.id::text,
                      jsonb_build_object('seats', to_jsonb(v_seats)));
      return query select 'free', v_seats, nextval('public.seat_version');
    end if;
  end if;
  if v_offered <> '{}' then return query select 'held', v_offered, nextval('public.seat_version'); end if;
end $$;
