using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Controllers;

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
        if (!endpoint.Metadata.OfType<StraightThroughAttribute>().Any())
        {
            return;
        }

        new One(endpoint).ShortCircuit();
        if (endpoint.Metadata.OfType<ControllerActionDescriptor>().FirstOrDefault() is { Parameters.Count: 0, BoundProperties.Count: 0 } action && action.MethodInfo.ReturnType == typeof(Task))
        {
            endpoint.RequestDelegate = Direct(action);
        }
    }

    // An action that takes nothing and writes its own answer needs none of MVC's filters, binding and formatters.
    private static RequestDelegate Direct(ControllerActionDescriptor action)
    {
        var create = ActivatorUtilities.CreateFactory(action.ControllerTypeInfo, []);
        var call = MethodInvoker.Create(action.MethodInfo);
        return context =>
        {
            var controller = (ControllerBase)create(context.RequestServices, null);
            controller.ControllerContext = new ControllerContext { HttpContext = context };
            return (Task)call.Invoke(controller)!;
        };
    }

    // Routing offers its short circuit only as an extension of convention builders.
    private sealed class One(EndpointBuilder endpoint) : IEndpointConventionBuilder
    {
        public void Add(Action<EndpointBuilder> convention) => convention(endpoint);
    }
}
