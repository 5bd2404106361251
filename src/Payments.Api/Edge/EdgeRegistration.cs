using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Formatters;
using Payments.Api.Edge.Documents;
using Payments.Api.Edge.Errors;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Edge.Identity;
using Payments.Api.Edge.Json;
using Payments.Api.Edge.Limits;
using Payments.Api.Edge.Logging;
using Payments.Api.Edge.Pages;
using Payments.Api.Edge.Sandbox;
using Payments.Application.Shared;

[assembly: ApiController]

namespace Payments.Api.Edge;

/// <summary>What surrounds every use case: who calls, how errors look, how much is let in, what is written down.</summary>
internal static class EdgeRegistration
{
    public static void AddEdge(this WebApplicationBuilder builder, EdgeOptions edge)
    {
        LogFormat.Configure(builder.Logging);
        builder.WebHost.ConfigureKestrel(KestrelLimits.Configure).UseSockets(KestrelLimits.Configure);

        var services = builder.Services;
        services.AddSingleton(edge);
        services.AddSingleton<WebhookPathToken>();
        services.AddSingleton<LargeBodies>();
        services.AddSingleton<PageFiles>();
        services.AddSingleton<SandboxLink>();
        services.AddCallers(edge);
        services.AddTransport(edge);
        services.AddRateLimiter(limiter => RateLimits.Configure(limiter, edge));
        services.AddScoped<IdempotencyContext>();
        services.AddScoped<IIdempotencyContext>(provider => provider.GetRequiredService<IdempotencyContext>());
        services.AddExceptionHandler<ExceptionAnswers>();
        services.Configure<StatusCodePagesOptions>(StatusAnswers.Configure);
        services.ConfigureHttpJsonOptions(json => JsonFormat.Configure(json.SerializerOptions));
        services.AddControllers(mvc => Configure(mvc, edge)).AddJsonOptions(json => JsonFormat.Configure(json.JsonSerializerOptions));
        services.Configure<ApiBehaviorOptions>(api =>
        {
            api.SuppressMapClientErrors = true;
            api.InvalidModelStateResponseFactory = ModelStateAnswers.Answer;
        });
        services.AddOpenApi(ApiDocument.Name, ApiDocument.Configure);
    }

    /// <summary>The order a request meets things in. What is marked <see cref="StraightThroughAttribute"/> leaves at UseRouting.</summary>
    public static void UseEdge(this WebApplication app, EdgeOptions edge)
    {
        app.UseExceptionHandler(_ => { });
        if (edge.TrustedProxies.Count > 0)
        {
            app.UseForwardedHeaders();
        }

        app.UseMiddleware<HeadRequests>();
        app.UseRouting();
        app.UseMiddleware<RequestLog>();
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler(_ => { }); // Once more, so that the two above see the answer.
        app.UseStatusCodePages();
        app.UseMiddleware<HeadLimit>();
        app.UseSecureTransport();
        app.UseCors();
        app.UseMiddleware<WebPages>();
        app.UseSwaggerUI(page =>
        {
            page.SwaggerEndpoint($"/openapi/{ApiDocument.Name}.json", "Payments");
            page.DocumentTitle = "Payments";
        });
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.UseMiddleware<UserSightings>();
        app.UseMiddleware<BodyLimit>();

        app.MapOpenApi().AllowAnonymous();
        app.MapControllers().Add(endpoint =>
        {
            Declared(endpoint);
            StraightThroughAttribute.Apply(endpoint);
        });
    }

    // An action that forgot to say who may call it would be open to anyone: it must not even start.
    private static void Declared(EndpointBuilder endpoint)
    {
        if (!endpoint.Metadata.Any(data => data is IAuthorizeData or IAllowAnonymous))
        {
            throw new InvalidOperationException($"{endpoint.DisplayName} says neither [Authorize(Policy = …)] nor [AllowAnonymous].");
        }
    }

    private static void Configure(MvcOptions mvc, EdgeOptions edge)
    {
        mvc.ReturnHttpNotAcceptable = true;
        // What a body may leave out is said by its record and read by the JSON reader.
        mvc.SuppressImplicitRequiredAttributeForNonNullableReferenceTypes = true;
        mvc.OutputFormatters.RemoveType<StringOutputFormatter>();
        mvc.OutputFormatters.OfType<SystemTextJsonOutputFormatter>().Single().SupportedMediaTypes.Remove("text/json");
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        JsonFormat.Configure(json);
        json.MakeReadOnly();
        mvc.ModelBinderProviders.Insert(0, new StrictQuery());
        mvc.Filters.Add<QueryHoles>();
        mvc.InputFormatters.Clear();
        mvc.InputFormatters.Add(new StrictJsonInput(json));
        if (edge.Sandbox is null)
        {
            mvc.Conventions.Add(new WithoutSandbox());
        }
    }
}
