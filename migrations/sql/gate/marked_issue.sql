-- execute: cv_rules
-- The ticket of an event, and which of its issues, that a typed code means: the first five bytes of its hash. An issue
-- that is good comes before dead ones; nothing where two good ones share the code.
create or replace function app.marked_issue(p_event int, p_short bytea)
returns table (id uuid, issue int, hash bytea)
language sql stable set search_path = pg_catalog, pg_temp as $$
  select x.id, x.issue, x.hash
    from (select c.*, count(*) filter (where c.is_good) over () as good
            from (select t.id, t.seq::int as issue, t.hash, t.status <> 'void' as is_good from public.ticket t
                   where t.event_id = p_event
                     and t.hash between p_short || '\x000000'::bytea and p_short || '\xffffff'::bytea
                  union all
                  select t.id, q.seq, q.hash, false from public.qr_code q join public.ticket t on t.id = q.ticket_id
                   where t.event_id = p_event and q.seq < t.seq
                     and q.hash between p_short || '\x000000'::bytea and p_short || '\xffffff'::bytea) c) x
   where x.good < 2 and (x.is_good or x.good = 0)
   order by x.issue desc limit 1
$$;
