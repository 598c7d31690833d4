-- execute: cv_app, cv_worker, cv_rules
-- What a fan gets back today by the booking's frozen policy, for each line that has not been given back: the amount,
-- and why it cannot be given back (a code) or null. until is the line's own last moment, counted from its match or its
-- pass, null where the policy has none.
create or replace function app.refund_offer(p_booking bigint)
returns table (line_id bigint, amount bigint, until timestamptz, problem text)
language sql stable set search_path = pg_catalog, pg_temp as $$
  select l.id, app.refund_of_line(l.face, l.fee, l.tax, l.total, p.share_bp, p.keeps_fees, p.step), d.until,
         case when p.state = 'cancelled' then 'EVENT_CANCELLED'
              when d.until is null or (p.share_bp = 0 and p.keeps_fees) then 'REFUND_NEVER'
              when clock_timestamp() > d.until then 'REFUND_TOO_LATE'
              when t.status in ('used', 'disputed') or g.status in ('used', 'disputed') then 'TICKET_USED'
              when t.link_hash is not null then 'TICKET_TRANSFERRED' end
    from (select b.id, e.state, app.money_step(b.currency) as step, (b.policy ->> 'share_bp')::int as share_bp,
                 (b.policy ->> 'keeps_fees')::boolean as keeps_fees,
                 e.starts_at, make_interval(hours => (b.policy ->> 'until_hours')::int) as before
            from public.booking b left join public.event e on e.id = b.event_id where b.id = p_booking) p
    join public.booking_line l on l.booking_id = p.id
    left join public.ticket t on t.line_id = l.id
    left join public.parking_pass g on g.line_id = l.id
    cross join lateral (select coalesce(p.starts_at, g.starts_at) - p.before as until) d
   where not exists (select from public.refund_line r where r.line_id = l.id)
$$;
