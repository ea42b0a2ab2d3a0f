import pg from "pg";
import { postgres } from "@spine/adapters-postgres";
import { orThrow } from "@spine/core";
import { createSpine } from "@spine/orchestration";
import { startPostgres } from "../scripts/postgres.ts";
import { durableStepCost, noOpSteps } from "./durable-steps.ts";
delete process.env.SPINE_TEST_PG_URL;
const server=await startPostgres({fsync:true});
const seen=new Map<string,{text:string,values:any[]}>();
let sizes:number[]=[];
const orig=pg.Client.prototype.query;
(pg.Client.prototype as any).query=function(q:any,...r:any[]){ if(q&&q.text?.includes("given as")){ const n=JSON.parse(q.values[0]).length; sizes.push(n); if(n>=24||!seen.has("one")) seen.set(n>=24?"many":"one",q);} return orig.call(this,q,...r);};
const spine=await orThrow(createSpine({store:postgres(server.url)}));
const wf=noOpSteps(100);
for(let i=0;i<6;i++){ sizes=[]; const c=process.cpuUsage(); const t=performance.now(); const w=await durableStepCost(spine,wf,50); const u=process.cpuUsage(c); console.log(i,"wall/step",w.toFixed(1),"client cpu/step",((u.user+u.system)/5000).toFixed(1),"statements",sizes.length,"avg batch",(sizes.reduce((a,b)=>a+b,0)/sizes.length).toFixed(1), "ms/statement",((performance.now()-t)/sizes.length).toFixed(2));}
const c=new pg.Client({connectionString:server.url}); await c.connect();
const q=seen.get("many")!;
const lit=(v:string)=>"'"+v.replaceAll("'","''")+"'";
await orig.call(c,"prepare cp as "+q.text);
for(let i=0;i<7;i++){ if(i===6||i===0){ const r:any=await orig.call(c,"begin; explain (analyze, buffers, timing on) execute cp("+q.values.map(lit).join(",")+"); rollback"); for(const x of r) for(const row of x.rows??[]) console.log(row["QUERY PLAN"]); } else {await orig.call(c,"begin; execute cp("+q.values.map(lit).join(",")+"); rollback");}}
console.log("bytes", q.values.map((v:string)=>v.length));
await c.end(); await orThrow(spine.close()); await server.stop();
