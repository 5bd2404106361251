using Microsoft.AspNetCore.Builder;

namespace Payments.Api.Edge.Limits;

/// <summary>
/// The action runs as soon as it is found, without authentication, rate limits, CORS, request log and the other
/// middleware: for webhooks, which bring their own proof and are many. Such an action says [AllowAnonymous], limits
/// its own body (<see cref="RawBody"/>) and answers its own problems.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class StraightThroughAttribute : Attribute
{
    /// <summary>Gives the marked ones to routing's own short circuit.</summary>
    public static void Apply(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<StraightThroughAttribute>().Any())
        {
            new One(endpoint).ShortCircuit();
        }
    }

    // Routing offers its short circuit only as an extension of convention builders.
    private sealed class One(EndpointBuilder endpoint) : IEndpointConventionBuilder
    {
        public void Add(Action<EndpointBuilder> convention) => convention(endpoint);
    }
}
