// The pages' assets/api.js as the API's document types it: which paths there are, what goes in, and what comes out.
// The pages are checked with this in its place (and the module itself beside it, as api-untyped.js), so that one that
// reads a member that no answer has does not pass.
import type { paths } from '../payments.d.ts';
import type { api as untyped, Options, withQuery as untypedQuery } from './api-untyped.js';

export { ApiProblem, newKey } from './api-untyped.js';
export type { Options, ProblemDetails } from './api-untyped.js';

type Json<R> = R extends { content: { 'application/json': infer Body } } ? Body : R extends { content?: never } ? null : never;
type Answer<Operation> = Operation extends { responses: infer R } ? Json<{ [S in keyof R & (200 | 201 | 204)]: R[S] }[keyof R & (200 | 201 | 204)]> : never;
type Input<Operation> = Operation extends { requestBody?: infer B } ? NonNullable<B> extends { content: { 'application/json': infer Body } } ? Body : undefined : undefined;

type Method = 'get' | 'post' | 'put' | 'delete';
/** The paths that take a method. */
type With<M extends Method> = { [P in keyof paths & string]: paths[P] extends { [K in M]: infer O } ? [O] extends [undefined] ? never : P : never }[keyof paths & string];

/** A path as the pages write it, `payments/${id}/refunds?limit=10`, in its parts; a query is no part. */
type Parts<S extends string> = S extends `${infer Head}/${infer Tail}` ? [Head, ...Parts<Tail>] : [S extends `${infer Path}?${string}` ? Path : S];
/** Whether what is written is this path: a parameter takes any part, a word only itself. */
type Same<W, P> = P extends [infer Part, ...infer Parts] ? W extends [infer Word, ...infer Words] ? Part extends `{${string}` ? Same<Words, Parts> : [Word] extends [Part] ? Same<Words, Parts> : false : false : W extends [] ? true : false;
type Fits<M extends Method, W extends string> = { [P in With<M>]: P extends `/api/v1/${infer Rest}` ? Same<Parts<W>, Parts<Rest>> extends true ? P : never : never }[With<M>];
/** `payments/history` is a payment's id as well, by its form; it means the fixed one. */
type Fixed<P extends string> = { [Q in P]: Q extends `${string}{${string}` ? never : Q }[P];
type Chosen<M extends Method, W extends string> = [Fixed<Fits<M, W>>] extends [never] ? Fits<M, W> : Fixed<Fits<M, W>>;
/** A path that is put together elsewhere: nothing is known of it here. */
type Anything<W extends string> = string extends Parts<W>[0] ? true : false;

type Path<M extends Method, W extends string> = Anything<W> extends true ? W : [Chosen<M, W>] extends [never] ? `The API has no ${Uppercase<M>} ${W}` : W;
type Operation<M extends Method, W extends string> = Chosen<M, W> extends infer P extends keyof paths ? M extends keyof paths[P] ? paths[P][M] : never : never;
type Out<M extends Method, W extends string> = Anything<W> extends true ? any : Answer<Operation<M, W>>;
type In<M extends Method, W extends string> = Anything<W> extends true ? unknown : Input<Operation<M, W>>;

export const api: Omit<typeof untyped, 'get' | 'post' | 'put' | 'delete' | 'page' | 'pages'> & {
  get<const W extends string>(path: Path<'get', W>, options?: Options): Promise<Out<'get', W>>;
  post<const W extends string>(path: Path<'post', W>, body?: In<'post', W>, options?: Options): Promise<Out<'post', W>>;
  put<const W extends string>(path: Path<'put', W>, body: In<'put', W>, options?: Options): Promise<Out<'put', W>>;
  delete<const W extends string>(path: Path<'delete', W>, body?: undefined, options?: Options): Promise<Out<'delete', W>>;
  page<const W extends string>(path: Path<'get', W>, cursor?: string | null, options?: Options): Promise<Out<'get', W>>;
  pages<const W extends string>(path: Path<'get', W>, options?: Options): AsyncGenerator<Out<'get', W> extends { items: infer Items } ? Items : never>;
};

export function withQuery<const P extends string>(path: P, parameters: Parameters<typeof untypedQuery>[1]): P;

export function postOfForm(): typeof api.post;
