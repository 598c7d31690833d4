-- execute: cv_app
-- An event's gates as their supervisor watches them, in numbers: whom each gate expects and has let in, by minute, why
-- not, who is inside, alarms.
create or replace function app.gate_figures(p_event int) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  e public.event;
begin
  select * into e from public.event v where v.id = p_event and v.stadium_id = any (app.gate_of());
  if e.id is null then perform app.fail('UNKNOWN_GATES', 404); end if;
  return jsonb_build_object(
    'gates', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'id', g.id, 'code', g.code, 'name', g.name, 'expected', coalesce(x.n, 0),
               'admitted', coalesce(a.n, 0), 'here', coalesce(h.n, 0),
               'lately', coalesce(h.lately, 0)) order by g.code), '[]')
        from public.gate g
        left join (select b.gate_id, count(*) as n from public.ticket t join public.seat s on s.id = t.seat_id
                     join public.seat_row r on r.id = s.row_id join public.bay b on b.id = r.bay_id
                    where t.event_id = e.id and t.status <> 'void' group by 1) x on x.gate_id = g.id
        left join (select b.gate_id, count(*) as n from public.admission m join public.ticket t on t.id = m.ticket_id
                     join public.seat s on s.id = t.seat_id join public.seat_row r on r.id = s.row_id
                     join public.bay b on b.id = r.bay_id
                    where m.event_id = e.id and m.entry_no = 1 group by 1) a on a.gate_id = g.id
        left join (select m.gate_id, count(*) as n,
                          count(*) filter (where m.at > clock_timestamp() - interval '10 minutes') as lately
                     from public.admission m
                    where m.event_id = e.id and m.entry_no = 1 group by 1) h on h.gate_id = g.id
       where g.stadium_id = e.stadium_id),
    'inside', (select count(*) from public.admission m
                where m.event_id = e.id and m.ticket_id is not null and m.left_at is null),
    'cars', (select count(*) from public.admission m
              where m.event_id = e.id and m.pass_id is not null and m.left_at is null),
    'minutes', (
      select coalesce(jsonb_agg(jsonb_build_array(round(extract(epoch from y.minute)), y.n) order by y.minute), '[]')
        from (select date_trunc('minute', m.at) as minute, count(*) as n from public.admission m
               where m.event_id = e.id and m.entry_no = 1 and m.at > clock_timestamp() - interval '90 minutes'
               group by 1) y),
    'refusals', (
      select coalesce(jsonb_object_agg(y.found, y.n), '{}')
        from (select s.found, count(*) as n from public.scan s
               where s.event_id = e.id and s.kind = 'entry' and not s.let_in group by 1) y),
    'overrides', (select count(*) from public.scan s where s.event_id = e.id and s.mode = 'override' and s.let_in),
    'alarms', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'id', m.id, 'kind', m.kind, 'at', s.at, 'gate', g.code, 'first_at', f.at, 'first_gate', fg.code,
               'label', app.seat_label(t.seat_id), 'seen_at', m.seen_at, 'note', m.note)
               order by m.seen_at nulls first, m.id desc), '[]')
        from public.gate_alarm m join public.scan s on s.id = m.scan_id
        left join public.scan f on f.id = m.first_scan_id left join public.ticket t on t.id = m.right_id
        left join public.gate g on g.id = s.gate_id left join public.gate fg on fg.id = f.gate_id
       where m.event_id = e.id));
end $$;
