package badges

// What tests outside of the package look at.
const ModulePixels = modulePixels
