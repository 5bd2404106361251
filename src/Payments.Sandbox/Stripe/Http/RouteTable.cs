using System.Diagnostics.CodeAnalysis;
using Payments.Sandbox.Stripe.Schema;

namespace Payments.Sandbox.Stripe.Http;

/// <summary>Which handler answers which call. Every route needs its parameters in the schema.</summary>
internal sealed class RouteTable
{
    private readonly Dictionary<string, List<Route>> routes = new(StringComparer.Ordinal);

    public void Get(string template, Handler handler) => Add(HttpMethods.Get, template, handler);

    public void Post(string template, Handler handler) => Add(HttpMethods.Post, template, handler);

    public void Delete(string template, Handler handler) => Add(HttpMethods.Delete, template, handler);

    public bool TryMatch(string method, string path, [NotNullWhen(true)] out Route? route, out string id)
    {
        id = "";
        route = null;
        if (!routes.TryGetValue(method, out var candidates))
        {
            return false;
        }

        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        foreach (var candidate in candidates)
        {
            if (candidate.Matches(segments, out id))
            {
                route = candidate;
                return true;
            }
        }

        return false;
    }

    private void Add(string method, string template, Handler handler)
    {
        var operation = $"{method} {template}";
        if (!ParameterSchema.Instance.Knows(operation))
        {
            throw new InvalidOperationException($"No parameters are known for {operation}: add it to parameters-own.json.");
        }

        if (!routes.TryGetValue(method, out var list))
        {
            routes.Add(method, list = []);
        }

        list.Add(new Route(operation, template.Split('/', StringSplitOptions.RemoveEmptyEntries), handler));
    }
}

/// <summary>A template with at most one {id}; fixed segments win by being mapped first.</summary>
internal sealed record Route(string Operation, string[] Segments, Handler Handler)
{
    public bool Matches(string[] path, out string id)
    {
        id = "";
        if (path.Length != Segments.Length)
        {
            return false;
        }

        for (var i = 0; i < path.Length; i++)
        {
            if (Segments[i] is "{id}")
            {
                id = Uri.UnescapeDataString(path[i]);
            }
            else if (!string.Equals(Segments[i], path[i], StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
