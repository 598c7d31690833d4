-- execute: cv_worker
-- Forget which seats moved long ago. A line without an event marks a moment: whoever has read since then has seen all
-- transactions before its xid. The oldest mark that is left says from where on the lines are whole, so that
-- seat_changes() knows who has slept too long. Lines with an xid that is still to come are another server's, of a dump.
create or replace function app.forget_moves(p_age interval default interval '5 minutes') returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_own bigint := pg_current_xact_id()::text::bigint;
  v_newest bigint := greatest(v_own, pg_snapshot_xmax(pg_current_snapshot())::text::bigint);
  v_from bigint;
begin
  insert into public.seat_move (seats, xid) values ('{}', pg_snapshot_xmin(pg_current_snapshot())::text::bigint);
  select max(m.xid) into v_from from public.seat_move m
   where m.event_id is null and m.at <= clock_timestamp() - p_age and m.xid <= v_newest;
  delete from public.seat_move m where m.xid < v_from or m.xid > v_newest;
end $$;
