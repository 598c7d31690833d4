-- execute: cv_app
-- Tickets by name, reference or seat, for a device that may search: what a steward needs to help somebody whose code
-- cannot be read. A ticket that was passed on is found by its new holder's name or its seat, and by nothing that its
-- buyer could say.
create or replace function app.gate_search(p_token bytea, p_words text)
returns table (hash bytea, seat_id int, ticket_type text, status smallint, name text, reference text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  d public.gate_device := app.device_of(p_token);
  v_like text := '%' || replace(replace(replace(p_words, '\', '\\'), '%', '\%'), '_', '\_') || '%';
begin
  if not d.may_search then perform app.fail('MAY_NOT_SEARCH', 403); end if;
  if length(p_words) < 2 then return; end if;
  return query
  select t.hash, t.seat_id, l.ticket_type,
         (case when t.status = 'void' then 4 when t.status = 'disputed' then 2 when a.right_id is null then 0
               when a.left_at is null then 1 else 3 end)::smallint,
         coalesce(t.holder_name, b.contact_name, c.name), b.reference
    from public.ticket t join public.booking b on b.id = t.booking_id join public.customer c on c.id = b.customer_id
    join public.booking_line l on l.id = t.line_id
    join public.seat s on s.id = t.seat_id join public.seat_row w on w.id = s.row_id
    left join lateral (select x.right_id, x.left_at from public.admission x
                        where x.right_id = t.id order by x.entry_no desc limit 1) a on true
   where t.event_id = d.event_id
     and (t.holder_name ilike v_like
          or t.link_hash is null
             and (b.reference ilike v_like or b.contact_name ilike v_like or c.name ilike v_like)
          or w.name || ' ' || s.number ilike v_like or w.name || s.number ilike v_like)
   order by b.reference, l.id limit 20;
end $$;
