using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Formatters;
using Payments.Api.Edge.Errors;
using Payments.Api.Edge.Identity;
using Payments.Api.Edge.Json;

[assembly: ApiController]

namespace Payments.Api.Edge;

/// <summary>What surrounds every use case: who calls, how errors look, how much is let in.</summary>
internal static class EdgeRegistration
{
    public static void AddEdge(this WebApplicationBuilder builder, EdgeOptions edge)
    {
        var services = builder.Services;
        services.AddSingleton(edge);
        services.AddCallers(edge);
        services.AddExceptionHandler<ExceptionAnswers>();
        services.Configure<StatusCodePagesOptions>(StatusAnswers.Configure);
        services.ConfigureHttpJsonOptions(json => JsonFormat.Configure(json.SerializerOptions));
        services.AddControllers(Mvc).AddJsonOptions(json => JsonFormat.Configure(json.JsonSerializerOptions));
        services.Configure<ApiBehaviorOptions>(api =>
        {
            api.SuppressMapClientErrors = true;
            api.InvalidModelStateResponseFactory = ModelStateAnswers.Answer;
        });
    }

    public static void UseEdge(this WebApplication app)
    {
        app.UseExceptionHandler(_ => { });
        app.UseRouting();
        app.UseStatusCodePages();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<UserSightings>();
        app.MapControllers();
    }

    private static void Mvc(MvcOptions mvc)
    {
        mvc.ReturnHttpNotAcceptable = true;
        // What a body may leave out is said by its record and read by the JSON reader.
        mvc.SuppressImplicitRequiredAttributeForNonNullableReferenceTypes = true;
        mvc.OutputFormatters.RemoveType<StringOutputFormatter>();
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        JsonFormat.Configure(json);
        json.MakeReadOnly();
        mvc.InputFormatters.Clear();
        mvc.InputFormatters.Add(new StrictJsonInput(json));
    }
}
