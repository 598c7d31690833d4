-- execute: cv_app, cv_worker
-- What the link of an offer shows to whoever holds it: the ticket's match and seat, who offers it, and where the offer
-- stands. No code, and nothing of the rest of the booking.
create or replace function app.find_offer(p_token_hash bytea)
returns table (transfer_id bigint, ticket_id uuid, booking_id bigint, seat_id int, event_id int, ticket_type text,
               from_name text, to_name text, state text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  return query
  select x.id, t.id, t.booking_id, t.seat_id, t.event_id, l.ticket_type, coalesce(o.to_name, b.contact_name), x.to_name,
         case when x.state <> 'offered' then x.state
              when t.status <> 'valid' or b.state <> 'paid' or e.state = 'cancelled' then 'withdrawn'
              when x.expires_at <= clock_timestamp() or e.ends_at <= clock_timestamp() then 'expired' else 'offered' end
    from public.ticket_transfer x join public.ticket t on t.id = x.ticket_id
    join public.booking b on b.id = t.booking_id
    join public.booking_line l on l.id = t.line_id join public.event e on e.id = t.event_id
    left join lateral (select y.to_name from public.ticket_transfer y
                        where y.ticket_id = t.id and y.state = 'accepted' and y.id < x.id
                        order by y.id desc limit 1) o on true
   where x.token_hash = p_token_hash;
end $$;
