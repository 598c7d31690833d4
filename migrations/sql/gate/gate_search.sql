-- execute: cv_app
-- Tickets by name, reference, stand, place or short code, for a device that may search: what a steward needs to help
-- somebody whose code cannot be read. p_words are found in any order (app.plain()); p_place is as app.seats_named()
-- takes it, with `short`, the first five bytes of an issue's hash in hex. A ticket that was passed on is found by its
-- new holder's name, its place or its code, and by nothing that its buyer could say.
create or replace function app.gate_search(p_token bytea, p_words text, p_place jsonb default '{}')
returns table (hash bytea, seat_id int, ticket_type text, status smallint, name text, reference text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  d public.gate_device := app.device_of(p_token);
  v_words text := btrim(app.plain(p_words));
  v_like text[] := array(select '%' || w || '%' from unnest(string_to_array(v_words, ' ')) w);
  v_short bytea := decode(p_place ->> 'short', 'hex');
  v_seats int[];
  v_bookings bigint[];
  v_found uuid[];
begin
  if not d.may_search then perform app.fail('MAY_NOT_SEARCH', 403); end if;
  if length(v_words) < 2 and p_place = '{}' then return; end if;
  if p_place - 'short' <> '{}' then
    v_seats := array(select app.seats_named(e.layout_id, p_place) from public.event e where e.id = d.event_id);
  end if;
  if p_place = '{}' then
    v_bookings := array(
      select b.id from public.booking b join public.customer c on c.id = b.customer_id
       where b.stadium_id = d.stadium_id and b.event_id = d.event_id and b.state in ('paid', 'refunded')
         and app.plain(concat_ws(' ', b.reference, b.contact_name, c.name)) like all (v_like)
       order by b.reference limit 40);
    v_found := array(
      select t.id from public.ticket t where t.booking_id = any (v_bookings) and t.link_hash is null
      union
      select t.id from public.ticket t
       where t.event_id = d.event_id and t.holder_name is not null and app.plain(t.holder_name) like all (v_like));
  end if;
  return query
  select t.hash, t.seat_id, l.ticket_type,
         (case when t.status = 'void' then 4 when t.status = 'disputed' then 2 when a.right_id is null then 0
               when a.left_at is null then 1 else 3 end)::smallint,
         coalesce(t.holder_name, b.contact_name, c.name), b.reference
    from public.ticket t join public.booking b on b.id = t.booking_id join public.customer c on c.id = b.customer_id
    join public.booking_line l on l.id = t.line_id
    join public.seat s on s.id = t.seat_id join public.stand st on st.id = s.stand_id
    left join lateral (select x.right_id, x.left_at from public.admission x
                        where x.right_id = t.id order by x.entry_no desc limit 1) a on true
   where t.event_id = d.event_id
     and (v_seats is null or t.seat_id = any (v_seats))
     and (v_short is null or (t.hash >= v_short and t.hash <= v_short || '\xffffff'::bytea))
     and (t.id = any (v_found)
          or v_found is null
             and app.plain(concat_ws(' ', st.name, t.holder_name,
                                     case when t.link_hash is null then b.reference end,
                                     case when t.link_hash is null then b.contact_name end,
                                     case when t.link_hash is null then c.name end)) like all (v_like))
   order by b.reference, l.id limit 20;
end $$;
