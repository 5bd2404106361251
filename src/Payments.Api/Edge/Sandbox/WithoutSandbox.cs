using Microsoft.AspNetCore.Mvc.ApplicationModels;

namespace Payments.Api.Edge.Sandbox;

/// <summary>Takes the sandbox's addresses away, so that beside the real provider they are 404 for everyone.</summary>
internal sealed class WithoutSandbox : IApplicationModelConvention
{
    public void Apply(ApplicationModel application)
    {
        foreach (var sandbox in application.Controllers.Where(controller => controller.ControllerType == typeof(SandboxController) || controller.ControllerType == typeof(SandboxPageController)).ToList())
        {
            application.Controllers.Remove(sandbox);
        }
    }
}
