-- execute: cv_app
-- What happened at the other gates since a cursor, and what this phone says of itself: rights whose state may have
-- changed, issues that died (with whatever they are typed, searched or scanned by), and alarms. A row may come twice,
-- and none is missed (models/columns.py, WRITTEN_BY).
create or replace function app.gate_changes(p_token bytea, p_cursor bigint, p_state jsonb) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  d public.gate_device := app.device_of(p_token);
  v_cursor bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
begin
  update public.gate_device g
     set seen_at = clock_timestamp(),
         state = p_state || jsonb_strip_nulls(jsonb_build_object('phone', g.state -> 'phone'))
   where g.id = d.id;
  return jsonb_build_object(
    'cursor', v_cursor,
    'changes', (
      select coalesce(jsonb_agg(jsonb_build_array(encode(coalesce(t.hash, p.hash), 'hex'),
                                case when coalesce(t.status, p.status) = 'void' then 4
                                     when coalesce(t.status, p.status) = 'disputed' then 2
                                     when a.right_id is null then 0 when a.left_at is null then 1 else 3 end,
                                round(extract(epoch from a.at) * 1000), a.gate_id, a.car_park_id)), '[]')
        from (select distinct s.right_id from public.scan s
               where s.stadium_id = d.stadium_id and s.xid >= p_cursor and s.event_id is not distinct from d.event_id
                 and s.right_id is not null and (s.let_in or s.kind <> 'entry')) c
        left join public.ticket t on t.id = c.right_id left join public.parking_pass p on p.id = c.right_id
        left join lateral (select x.right_id, x.at, x.left_at, x.gate_id, x.car_park_id from public.admission x
                            where x.right_id = c.right_id order by x.entry_no desc limit 1) a on true),
    'dead', (select coalesce(jsonb_agg(encode(q.hash, 'hex')), '[]')
               from public.signing_key k join public.qr_code q on q.key_id = k.id
              where p_cursor > 0 and k.stadium_id = d.stadium_id
                and (k.event_id = d.event_id or k.event_id is null) and q.revoked_xid >= p_cursor),
    'disputed', (select coalesce(jsonb_agg(encode(t.hash, 'hex')), '[]') from public.ticket t
                  where t.event_id = d.event_id and t.status = 'disputed'),
    'alarms', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'id', m.id, 'kind', m.kind, 'scan', m.scan_id, 'at', round(extract(epoch from s.at) * 1000),
               'gate', s.gate_id, 'car_park', s.car_park_id,
               'first_at', round(extract(epoch from f.at) * 1000), 'first_gate', f.gate_id,
               'first_car_park', f.car_park_id, 'seat', t.seat_id,
               'hash', encode(coalesce(t.hash, p.hash), 'hex')) order by m.id), '[]')
        from public.gate_alarm m join public.scan s on s.id = m.scan_id
        left join public.scan f on f.id = m.first_scan_id
        left join public.ticket t on t.id = m.right_id left join public.parking_pass p on p.id = m.right_id
       where m.stadium_id = d.stadium_id and m.event_id is not distinct from d.event_id and m.xid >= p_cursor
         and m.seen_at is null
         and (s.gate_id = any (d.gates) or f.gate_id = any (d.gates) or s.car_park_id = any (d.car_parks)
              or f.car_park_id = any (d.car_parks))));
end $$;
